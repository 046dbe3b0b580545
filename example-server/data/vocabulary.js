// @ts-check
// The lists that everything is composed of. Plain values, at home on the server and in the browser.

/**
 * @typedef {object} Country
 * @property {string} name
 * @property {string} unit What its face values are counted in.
 * @property {number} from First year of issue.
 * @property {number} to Last year of issue.
 * @property {string} fate What became of it, for the product page.
 */

/** @type {readonly Country[]} */
export const COUNTRIES = [
  country('Ostravia', 'heller', 1871, 1919, 'went to bed one night and was three neighbours in the morning'),
  country('Merrow Islands', 'shell', 1888, 1962, 'sank, except at the very lowest tides'),
  country('Upper Halcyon', 'florin', 1902, 1948, 'was sold, by post, to a man who never came to collect it'),
  country('San Calamo', 'centavo', 1864, 1931, 'voted itself out of existence by a margin of two'),
  country('Vell', 'öre', 1855, 1940, 'had no coast, and was very proud of its navy'),
  country('Tarn Republic', 'kopek', 1921, 1937, 'was flooded for a reservoir, post office last'),
  country('Free State of Karst', 'para', 1894, 1929, 'withdrew into its caves and stopped answering letters'),
  country('Isle of Quill', 'penny', 1860, 1971, 'was removed from the charts to save ink'),
  country('Lower Saltmarsh', 'stuiver', 1852, 1911, 'dries out every August, when it is somebody else’s'),
  country('Norwold', 'skilling', 1868, 1955, 'is still there, but has forgotten that it is a country'),
  country('Bascombe Atoll', 'cent', 1911, 1968, 'moved eleven miles east in the storm of 1968'),
  country(
    'Grand Duchy of Umber',
    'groschen',
    1850,
    1918,
    'was lost at cards, and not even by the Grand Duke',
  ),
  country('Petrel Bank', 'farthing', 1879, 1952, 'had one inhabitant, four postmasters and a tide table'),
  country('Almora', 'anna', 1890, 1947, 'was a clerical error that printed money'),
  country(
    'Kingdom of Thule',
    'mark',
    1884,
    1933,
    'could be reached only by people who were not looking for it',
  ),
  country('Cantons of Brill', 'rappen', 1854, 1923, 'disagreed about the time and parted by the hour'),
  country('Port Sorrel', 'milreis', 1866, 1926, 'burned its archive to keep warm, stamps excepted'),
  country('Lantern Coast', 'pice', 1873, 1958, 'was governed by its lighthouse keepers, in turns'),
  country('Zembla', 'grosz', 1899, 1958, 'exists in a poem, which is longer than its border'),
  country('Outer Fathom', 'cash', 1905, 1964, 'was surveyed once, in fog'),
  country('Verdigris', 'centime', 1877, 1942, 'is a park now, with very large trees in it'),
  country('Republic of Noon', 'sen', 1912, 1959, 'kept one time zone all to itself'),
  country('Hesper', 'lepton', 1861, 1936, 'followed the sunset west and has not written since'),
  country('Mirador', 'peso', 1858, 1949, 'was mostly stairs'),
]

/**
 * @typedef {object} Ink
 * @property {string} name As a catalogue words it.
 * @property {string} dark The printing ink.
 * @property {string} light The second colour, for skies and seas.
 */

/** @type {readonly Ink[]} */
export const INKS = [
  { name: 'carmine', dark: '#a31f3d', light: '#efc4c4' },
  { name: 'ultramarine', dark: '#23408f', light: '#c3d0ec' },
  { name: 'bottle green', dark: '#1d5743', light: '#c5dccb' },
  { name: 'sepia', dark: '#5d3f2b', light: '#e3d2b8' },
  { name: 'slate violet', dark: '#4c3c78', light: '#d6cde6' },
  { name: 'orange', dark: '#b8470f', light: '#f6d5ae' },
  { name: 'Prussian blue', dark: '#0f4560', light: '#bcd9de' },
  { name: 'olive', dark: '#565a1e', light: '#e0e0b0' },
  { name: 'plum', dark: '#74285f', light: '#eac7dc' },
  { name: 'steel', dark: '#3a4753', light: '#d0d8dc' },
  { name: 'turquoise', dark: '#0d6263', light: '#bfe3db' },
  { name: 'brick', dark: '#8a3324', light: '#f0cdb8' },
]

/** What is drawn on it. Each has its drawing in `components/stamp/vignettes.tsx`. */
export const MOTIFS = /** @type {const} */ ([
  'lighthouse',
  'steamer',
  'mountain',
  'comet',
  'fish',
  'fern',
  'swallow',
  'moth',
  'balloon',
  'whale',
  'moon',
  'aqueduct',
])

/** @typedef {(typeof MOTIFS)[number]} Motif */

/** @type {(...parts: [string, string, number, number, string]) => Country} */
function country(name, unit, from, to, fate) {
  return { name, unit, from, to, fate }
}
