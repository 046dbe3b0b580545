/**
 * Runs revalidations of a key one after another. A caller is promised data read after its call: it never joins a run
 * that is under way, but shares the one that follows it with everybody who asked meanwhile.
 */
export function createRevalidator<Task, Result>(
  run: (key: string, task: Task) => Promise<Result>,
): (key: string, task: Task) => Promise<Result> {
  const states = new Map<string, { running: Promise<Result>; next?: Promise<Result> }>()

  function start(key: string, task: Task): Promise<Result> {
    const running = run(key, task)
    const state: { running: Promise<Result>; next?: Promise<Result> } = { running }
    states.set(key, state)
    const forget = () => {
      if (states.get(key) === state) states.delete(key)
    }
    running.then(forget, forget)
    return running
  }

  return (key, task) => {
    const current = states.get(key)
    if (current === undefined) return start(key, task)
    const startNext = () => start(key, task)
    return (current.next ??= current.running.then(startNext, startNext))
  }
}
