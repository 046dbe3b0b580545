import { createMarks } from '../../lib/cache/marks.js'
import { createClock } from '../support/clock.js'

describe('a store that tells a time which is none', () => {
  it('takes nothing from what is known', () => {
    const clock = createClock(1_000_000)
    const marks = createMarks(clock.now)
    const page = { renderedAt: clock.now(), origin: { tags: ['a'] } }
    for (const isSoft of [false, true]) expect(marks.add({ name: 'tag:a', before: NaN, isSoft })).toBe(false)
    expect(marks.stateOf('/a', page)).toBeUndefined()
    expect([marks.startTime(), marks.timeOfNow()]).toEqual([clock.now(), clock.now() + 1])
    expect(marks.add({ name: 'tag:a', before: clock.now() + 1, isSoft: false })).toBe(true)
    expect(marks.stateOf('/a', page)).toBe('hard')
  })
})
