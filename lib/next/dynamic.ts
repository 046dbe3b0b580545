export {
  dynamic as default,
  type DynamicLoader as Loader,
  type DynamicLoadingProps as DynamicOptionsLoadingProps,
  type DynamicOptions,
} from '../react/dynamic.js'
