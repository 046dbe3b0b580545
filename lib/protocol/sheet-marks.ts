/** On links to style sheets of `_app`. */
export const GLOBAL_SHEET = 'data-n-g'
/** On links to style sheets of a page, which show while the page does. */
export const PAGE_SHEET = 'data-n-p'
/** On the element behind both: what a page brings goes before it, what a part of a page brings after it. */
export const SHEETS_END = 'data-n-css'
/** In development, on what hides the page until its styles are there. */
export const STYLE_GUARD = 'data-pagepress-guard'
