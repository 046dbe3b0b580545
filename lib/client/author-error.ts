/** An error of the author's own data function, its `cause`: it shows the error page instead of leaving for the server. */
export class AuthorError extends Error {}
