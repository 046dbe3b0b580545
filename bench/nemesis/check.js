// @ts-check
// What must hold of a history, whatever was done to the fleet. All times are milliseconds of one clock, the watcher's.

/**
 * @typedef {object} Read A visit. `at` is before it was sent, `end` after the answer has come.
 * @property {number} machine
 * @property {string} path
 * @property {number} at
 * @property {number} end
 * @property {number} [status] none without an answer
 * @property {string} [text] what the page has shown
 *
 * @typedef {object} Purge A revalidation.
 * @property {number} machine
 * @property {string[]} paths what it was about
 * @property {number} at
 * @property {number} end
 * @property {'done' | 'later' | 'failed'} outcome `later`: Redis could not be told, and is to be told when it is back
 *
 * @typedef {object} Trouble What the nemesis has done, until it was over.
 * @property {string} what
 * @property {number} at
 * @property {number} end
 * @property {number} [machine] who suffered from it, if it was one machine
 * @property {boolean} [isLoss] Redis has lost what it had
 *
 * @typedef {object} History
 * @property {Record<string, number[]>} readings when each version of a path was read from the source
 * @property {Read[]} reads
 * @property {Purge[]} purges
 * @property {Trouble[]} troubles
 * @property {Record<number, number>} deaths when machines were killed
 * @property {number} end
 */

/** How far clocks of machines may be apart without anybody doing anything to them. */
const CLOCK_ERROR = 50
/** Milliseconds for which the pages of `/brief` and `/data-brief` are fresh. */
const REVALIDATE = 1_000
/** A lease of somebody who cannot give it back keeps others from a page for so long. */
const LEASE = 10_000
/** A clock that jumps is compared with that of Redis once a second. */
const CLOCK_SETTLES = 2_500
/** What a busy machine takes to produce a page, or to keep it. */
const SLACK = 1_500
/** After the end of all trouble, everybody has heard of everything. */
const REST = 5_000
/** After a failure, the next try comes after three seconds and then six, a little later with the jitter. */
const BACK_OFF = 11_000
/** What could not be produced is tried again after this time. */
const SPACING = 1_000

/**
 * The violations, in words.
 *
 * @param {History} history
 * @returns {string[]}
 */
export function check(history) {
  const { readings, purges, deaths } = history
  /** @type {string[]} */
  const found = []
  const { suffered, hadRest, isCalm, lossesUntil } = createTimes(history)
  const purgesOf = groupByPath(purges)
  /** What each machine has shown of each path: when it last did, and when the youngest was read. */
  const shown = new Map()
  /** When each machine was visited for each path. @type {Map<string, number[]>} */
  const visitsOf = new Map()

  /** Whether everybody must have heard of a purge by a moment. @param {Purge} purge @param {number} at */
  function mustBeKnown(purge, at) {
    if (!hadRest(purge.end, at)) return false
    const death = deaths[purge.machine] ?? Infinity
    // It dies with who wanted to tell it.
    if (purge.outcome === 'later' && !hadRest(purge.end, death)) return false
    // Who is alive tells it again to a Redis that has lost it.
    return lossesUntil(at).every((loss) => loss.end < purge.at || hadRest(loss.end, death))
  }

  /** @param {Read} read @returns {string | undefined} */
  function judgeError({ machine, path, at, end }) {
    const known = shown.get(`${machine} ${path}`)
    const copies = [...shown].filter(([name, one]) => name.endsWith(` ${path}`) && one.end < at - SLACK)
    /** Whether it can be served that no purge has outdated, by anybody's clock. @param {{ readAt: number }} copy */
    const isGood = ({ readAt }) =>
      !suffered('clock', readAt - LEASE, end) &&
      !(purgesOf.get(path) ?? []).some((purge) => purge.at <= end && purge.end + SLACK >= readAt)
    if (known !== undefined && known.end < at && isGood(known)) return 'an error, while it had a copy'
    const others = ['failing source', 'slow source', 'clock']
    if (!suffered(undefined, at - REST, end, others) && copies.some(([, copy]) => isGood(copy)))
      return 'an error, while there was a copy in Redis'
    return suffered('failing source', at - SPACING - SLACK, end)
      ? undefined
      : 'an error, while the source had an answer'
  }

  /** @param {Read} read @param {number} readAt @param {Purge} purge @returns {string | undefined} */
  function judgePurge({ machine, at }, readAt, purge) {
    const error = suffered('clock', purge.at - CLOCK_SETTLES, purge.end) ? CLOCK_SETTLES : CLOCK_ERROR
    if (purge.end >= at || purge.outcome === 'failed' || readAt >= purge.at - error) return undefined
    const how = `it was read ${(purge.at - readAt).toFixed()} ms before the one at ${toSeconds(purge.at)}, by machine ${purge.machine}`
    if (purge.machine === machine) return `older than its own revalidation: ${how}`
    return mustBeKnown(purge, at) ? `older than a revalidation that all have heard of: ${how}` : undefined
  }

  /** @param {Read} read @param {number} readAt @returns {string | undefined} */
  function judgeAge({ machine, path, at }, readAt) {
    if (!/^\/(data-)?brief/.test(path)) return undefined
    // Whoever visits a stale page first is shown it, and others until the new one is there.
    const visits = visitsOf.get(`${machine} ${path}`) ?? []
    visitsOf.set(`${machine} ${path}`, visits)
    const error = isCalm(readAt - CLOCK_SETTLES, at) ? CLOCK_ERROR : CLOCK_SETTLES
    const first = visits.find((time) => time > readAt + REVALIDATE + error)
    // Another machine may be at it, and have the new one for the next visitor.
    const next = visits.find((time) => first !== undefined && time > first + SLACK)
    visits.push(at)
    const bound = 2 * SLACK + (isCalm(at - LEASE - 2 * SLACK, at) ? 0 : LEASE)
    const isExcused =
      suffered('failing source', at - BACK_OFF, at) ||
      suffered('slow source', at - SLACK, at) ||
      suffered('pause', at - SLACK, at, [], machine)
    if (first === undefined || next === undefined || at - first <= bound || isExcused) return undefined
    return `read ${(at - readAt).toFixed()} ms ago, and stale for ${(at - first).toFixed()} ms in spite of visits`
  }

  for (const read of [...history.reads].sort((a, b) => a.at - b.at)) {
    const { machine, path, at, end, status, text } = read
    const faults = []
    const [about, version] = /^(\S+) (\d+)$/.exec(text ?? '')?.slice(1) ?? []
    const readAt = readings[path]?.[Number(version) - 1]
    if (status === undefined) {
      const isDisturbed = ['kill', 'pause'].some((what) => suffered(what, at - SLACK, end, [], machine))
      if (!isDisturbed && (deaths[machine] ?? Infinity) > end && machine > 0)
        faults.push('there was no answer')
    } else if (status >= 500) faults.push(judgeError(read))
    else if (status !== 200 || about !== path || readAt === undefined || readAt > end)
      faults.push('nobody has ever made that')
    else {
      for (const purge of purgesOf.get(path) ?? []) faults.push(judgePurge(read, readAt, purge))
      faults.push(judgeAge(read, readAt))
      const known = shown.get(`${machine} ${path}`) ?? { end, readAt }
      shown.set(`${machine} ${path}`, {
        end: Math.max(end, known.end),
        readAt: Math.max(readAt, known.readAt),
      })
    }
    for (const fault of faults)
      if (fault !== undefined)
        found.push(`${toSeconds(at)} machine ${machine} ${path} (${status} ${text}): ${fault}`)
  }
  return found
}

/** @param {number} time */
const toSeconds = (time) => (time / 1_000).toFixed(3)

/** @param {readonly Purge[]} purges */
function groupByPath(purges) {
  /** @type {Map<string, Purge[]>} */
  const groups = new Map()
  for (const purge of purges)
    for (const path of purge.paths) {
      const group = groups.get(path)
      if (group === undefined) groups.set(path, [purge])
      else group.push(purge)
    }
  return groups
}

/**
 * Questions about when there was trouble.
 *
 * @param {Pick<History, 'troubles' | 'end'>} history
 */
function createTimes({ troubles, end }) {
  /** @type {{ at: number, end: number }[]} */
  const rests = []
  let from = 0
  for (const trouble of [...troubles].sort((a, b) => a.at - b.at)) {
    if (trouble.at > from) rests.push({ at: from, end: trouble.at })
    from = Math.max(from, trouble.end)
  }
  if (end > from) rests.push({ at: from, end })

  return {
    /**
     * Whether there was trouble, of a kind or of any but some, between two moments.
     *
     * @param {[what: string | undefined, at: number, end: number, but?: readonly string[], machine?: number]} question
     */
    suffered: (...[what, at, until, but = [], machine]) =>
      troubles.some(
        (one) =>
          (what === undefined ? !but.includes(one.what) : one.what === what) &&
          one.at <= until &&
          one.end >= at &&
          (machine === undefined || one.machine === undefined || one.machine === machine),
      ),
    /** Whether there was no trouble for as long as everybody needs to hear of everything. @param {number} at @param {number} until */
    hadRest: (at, until) => rests.some((rest) => Math.min(rest.end, until) - Math.max(rest.at, at) >= REST),
    /** Whether there was no trouble at all. @param {number} at @param {number} until */
    isCalm: (at, until) => rests.some((rest) => rest.at <= at && rest.end >= until),
    /** @param {number} until */
    lossesUntil: (until) => troubles.filter((one) => one.isLoss === true && one.at <= until),
  }
}
