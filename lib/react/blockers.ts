/** Answers whether a navigation to a URL may go on. */
export type Blocker = (url: string) => boolean | Promise<boolean>

/** The blockers of this browser tab: all of them are asked before a page is left. */
export const blockers = new Set<Blocker>()

/** Whether every blocker lets a navigation go on. They are asked one after the other. */
export async function mayLeave(url: string): Promise<boolean> {
  for (const blocker of [...blockers]) if (!(await blocker(url))) return false
  return true
}
