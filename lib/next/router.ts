export { Router as default, type SingletonRouter } from '../react/router-singleton.js'
export { useRouter, type PagesRouter as NextRouter } from '../react/router-context.js'
export { withRouter, type WithRouterProps } from '../react/with-router.js'
