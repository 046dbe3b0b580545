import { redisStore } from 'pagepress/redis'

describe('redisStore', () => {
  it.each([
    [[undefined], /first argument/],
    [[5], /first argument/],
    [[{}], /first argument/],
    [['redis://a', { prefix: '' }], /`prefix`/],
    [['redis://a', { prefix: 'a b' }], /`prefix`/],
    [['redis://a', { timeoutMs: 0 }], /`timeoutMs`/],
    [['redis://a', { maxTtlSeconds: 1.5 }], /`maxTtlSeconds`/],
  ])('refuses %j, naming it [S194]', (given, message) => {
    expect(() => redisStore(...(given as unknown as Parameters<typeof redisStore>))).toThrow(message)
  })
})
