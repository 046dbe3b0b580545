/** Lets a change be seen as a view transition, if it is to be one and the browser has them. */
export async function inTransition(
  isWanted: boolean | undefined,
  change: () => Promise<void>,
): Promise<void> {
  if (isWanted && 'startViewTransition' in document && !matchMedia('(prefers-reduced-motion)').matches)
    await document.startViewTransition(change).updateCallbackDone
  else await change()
}
