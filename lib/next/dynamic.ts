export {
  dynamic as default,
  type DynamicLoader as Loader,
  type DynamicLoadingProps as DynamicOptionsLoadingProps,
  type DynamicLoadingProps as LoadingProps,
  type DynamicOptions,
} from '../react/dynamic.js'
