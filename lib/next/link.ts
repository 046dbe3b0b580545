export { Link as default, type LinkProps } from '../react/link.js'
