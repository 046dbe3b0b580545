let announcer: HTMLElement | undefined

/** Puts the place into the document that assistive technology listens to. */
export function createAnnouncer(rootId: string): void {
  announcer = document.createElement('p')
  announcer.id = `${rootId}-route-announcer__`
  announcer.ariaLive = 'assertive'
  announcer.role = 'alert'
  announcer.style.cssText =
    'position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap'
  document.body.append(announcer)
}

/** Tells those who cannot see it that the page has changed. */
export function announce(asPath: string): void {
  announcer!.textContent = document.title || document.querySelector('h1')?.textContent || asPath
}
