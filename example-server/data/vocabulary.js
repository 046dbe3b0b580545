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
  {
    name: 'Ostravia',
    unit: 'heller',
    from: 1871,
    to: 1919,
    fate: 'went to bed one night and was three neighbours in the morning',
  },
  {
    name: 'Merrow Islands',
    unit: 'shell',
    from: 1888,
    to: 1962,
    fate: 'sank, except at the very lowest tides',
  },
  {
    name: 'Upper Halcyon',
    unit: 'florin',
    from: 1902,
    to: 1948,
    fate: 'was sold, by post, to a man who never came to collect it',
  },
  {
    name: 'San Calamo',
    unit: 'centavo',
    from: 1864,
    to: 1931,
    fate: 'voted itself out of existence by a margin of two',
  },
  { name: 'Vell', unit: 'öre', from: 1855, to: 1940, fate: 'had no coast, and was very proud of its navy' },
  {
    name: 'Tarn Republic',
    unit: 'kopek',
    from: 1921,
    to: 1937,
    fate: 'was flooded for a reservoir, post office last',
  },
  {
    name: 'Free State of Karst',
    unit: 'para',
    from: 1894,
    to: 1929,
    fate: 'withdrew into its caves and stopped answering letters',
  },
  {
    name: 'Isle of Quill',
    unit: 'penny',
    from: 1860,
    to: 1971,
    fate: 'was removed from the charts to save ink',
  },
  {
    name: 'Lower Saltmarsh',
    unit: 'stuiver',
    from: 1852,
    to: 1911,
    fate: 'dries out every August, when it is somebody else’s',
  },
  {
    name: 'Norwold',
    unit: 'skilling',
    from: 1868,
    to: 1955,
    fate: 'is still there, but has forgotten that it is a country',
  },
  {
    name: 'Bascombe Atoll',
    unit: 'cent',
    from: 1911,
    to: 1968,
    fate: 'moved eleven miles east in the storm of 1968',
  },
  {
    name: 'Grand Duchy of Umber',
    unit: 'groschen',
    from: 1850,
    to: 1918,
    fate: 'was lost at cards, and not even by the Grand Duke',
  },
  {
    name: 'Petrel Bank',
    unit: 'farthing',
    from: 1879,
    to: 1952,
    fate: 'had one inhabitant, four postmasters and a tide table',
  },
  { name: 'Almora', unit: 'anna', from: 1890, to: 1947, fate: 'was a clerical error that printed money' },
  {
    name: 'Kingdom of Thule',
    unit: 'mark',
    from: 1884,
    to: 1933,
    fate: 'could be reached only by people who were not looking for it',
  },
  {
    name: 'Cantons of Brill',
    unit: 'rappen',
    from: 1854,
    to: 1923,
    fate: 'disagreed about the time and parted by the hour',
  },
  {
    name: 'Port Sorrel',
    unit: 'milreis',
    from: 1866,
    to: 1926,
    fate: 'burned its archive to keep warm, stamps excepted',
  },
  {
    name: 'Lantern Coast',
    unit: 'pice',
    from: 1873,
    to: 1958,
    fate: 'was governed by its lighthouse keepers, in turns',
  },
  {
    name: 'Zembla',
    unit: 'grosz',
    from: 1899,
    to: 1958,
    fate: 'exists in a poem, which is longer than its border',
  },
  { name: 'Outer Fathom', unit: 'cash', from: 1905, to: 1964, fate: 'was surveyed once, in fog' },
  {
    name: 'Verdigris',
    unit: 'centime',
    from: 1877,
    to: 1942,
    fate: 'is a park now, with very large trees in it',
  },
  { name: 'Republic of Noon', unit: 'sen', from: 1912, to: 1959, fate: 'kept one time zone all to itself' },
  {
    name: 'Hesper',
    unit: 'lepton',
    from: 1861,
    to: 1936,
    fate: 'followed the sunset west and has not written since',
  },
  { name: 'Mirador', unit: 'peso', from: 1858, to: 1949, fate: 'was mostly stairs' },
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
