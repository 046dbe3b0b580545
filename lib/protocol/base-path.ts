/**
 * Stands for the mount path in everything produced before the mount path is known: asset URLs in server bundles and in
 * prerendered pages. `fillBasePath` puts the real one in, once, when a page is produced or loaded.
 */
export const BASE_PATH_TOKEN = '/__pagepress_base__'

/** Puts the mount path (`''` or `/shop`) where the token stands, in HTML or JSON text. */
export function fillBasePath(text: string, basePath: string): string {
  return text.includes(BASE_PATH_TOKEN) ? text.replaceAll(BASE_PATH_TOKEN, basePath) : text
}
