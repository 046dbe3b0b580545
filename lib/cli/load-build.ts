import { missingPeer } from '../errors.js'

/** The build, which needs Vite; a project that only serves a build can do without. */
export async function loadBuild(): Promise<typeof import('../build/build.js')> {
  try {
    return await import('../build/build.js')
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    if (code === 'ERR_MODULE_NOT_FOUND' && /'vite'/.test(message ?? ''))
      throw missingPeer('vite', 'Building pages')
    throw error
  }
}
