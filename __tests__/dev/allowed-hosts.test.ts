import { createHostCheck, hostOf, hostOfOrigin } from '../../lib/dev/allowed-hosts.js'

describe('hosts that development answers', () => {
  const isAllowed = createHostCheck(['my-site.test', '.team.test'])

  it.each([
    'localhost',
    'a.b.localhost:1',
    '127.0.0.1',
    '10.0.0.7:80',
    '[::1]',
    '[fe80::1]:3000',
    'my-site.test:1',
  ])('are this machine’s and those that are listed: %s', (host) => expect(isAllowed(host)).toBe(true))

  it.each([
    '',
    ' ',
    ':3000',
    '::1',
    '[::1',
    '[evil.test]',
    '[::1].evil.test',
    '127.0.0.1.evil.test',
    'localhost:3000.evil.test',
    'localhost:3000@evil.test',
    'localhost.',
    'a.my-site.test',
    'evilteam.test',
    'file://localhost',
  ])('are no others, however they look: %j', (host) => expect(isAllowed(host)).toBe(false))

  it('are all where all are allowed, and of programs that name none', () => {
    expect(createHostCheck(true)('evil.test')).toBe(true)
    expect(isAllowed(undefined)).toBe(true)
  })

  it('are read from a request of either protocol, and from an origin that has one', () => {
    expect(hostOf({ host: 'a.test' })).toBe('a.test')
    expect(hostOf({ ':authority': 'b.test' })).toBe('b.test')
    expect(hostOf({ 'x-forwarded-host': 'localhost', host: 'evil.test' })).toBe('evil.test')
    expect(hostOfOrigin('https://a.test:8443')).toBe('a.test:8443')
    for (const origin of ['null', '', 'file://', 'nonsense']) expect(hostOfOrigin(origin)).toBeNull()
  })
})
