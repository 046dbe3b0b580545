/**
 * Visitors that read the first HTML and run no script, or not at once: they get the whole page instead of a shell.
 *
 * The answer changes with the User-Agent, but what is cached does not: the shell is never cached outside, and the
 * whole page is the same for everybody.
 */
const crawlers =
  /googlebot|google-pagerenderer|adsbot-google|mediapartners|googleweblight|bingbot|slurp|duckduckbot|baiduspider|yandex(bot)?|sogou|facebookexternalhit|linkedinbot|twitterbot|slackbot|discordbot|whatsapp|applebot|ia_archiver|bitlybot|tumblr|pinterest|embedly|quora link preview|vkshare|w3c_validator|redditbot|skypeuripreview/i

/** Longer than any browser's; more would only cost time. */
const LONGEST_USER_AGENT = 1024

export function isCrawler(userAgent: string | undefined): boolean {
  return userAgent !== undefined && crawlers.test(userAgent.slice(0, LONGEST_USER_AGENT))
}
