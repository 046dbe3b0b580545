import type { ComponentType } from 'react'
import { pageExportError } from '../errors.js'
import type { ModuleNamespace } from '../server/page-source.js'

const checkedModules = new WeakMap<ModuleNamespace, ModuleNamespace>()

/**
 * The same page, with a component that tells what React shows nothing of and says nothing about: `undefined`, which
 * mostly is a forgotten `return`, and promises, which the server would wait for and the browser cannot.
 */
export function withCheckedComponent(module: ModuleNamespace, file: string): ModuleNamespace {
  const Component = module['default']
  if (typeof Component !== 'function') return module
  let checked = checkedModules.get(module)
  if (!checked)
    checkedModules.set(module, (checked = { ...module, default: toChecked(Component as PageFunction, file) }))
  return checked
}

type PageFunction = ((props: object) => unknown) & { prototype?: { isReactComponent?: unknown } }

function toChecked(Component: PageFunction, file: string): unknown {
  if (Component.prototype?.isReactComponent) {
    const Base = Component as unknown as new (props: object) => { render(): unknown }
    return class extends Base {
      override render(): unknown {
        return assertShowable(super.render(), file)
      }
    }
  }
  const Checked = (props: object) => assertShowable(Component(props), file)
  return Object.assign(Checked, Component, { displayName: nameOf(Component as ComponentType) })
}

function nameOf({ displayName, name }: ComponentType): string {
  return displayName ?? name
}

function assertShowable(shown: unknown, file: string): unknown {
  if (shown === undefined)
    throw pageExportError(
      file,
      'has a component that returned `undefined`: nothing was returned from render',
      'Return what it is to show, or `null` for nothing',
    )
  if (typeof (shown as { then?: unknown } | null)?.then === 'function')
    throw pageExportError(
      file,
      'has a component that returned a promise, as `async` functions do, and a promise is not valid as a React child',
      'Load in `getServerSideProps` or `getStaticProps` what it waits for',
    )
  return shown
}
