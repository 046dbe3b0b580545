// @ts-check
// The catalogue is invented, not stored in this repository: every number describes one stamp, always the same one.
import { COUNTRIES, INKS, MOTIFS } from './vocabulary.js'

/** @typedef {import('./vocabulary.js').Country} Country */
/** @typedef {import('./vocabulary.js').Motif} Motif */

/** @type {Record<Motif, readonly string[]>} */
const TITLES = {
  lighthouse: ['The Light at {place}', 'Keeper’s Watch, {place}', 'First Lamp of {place}'],
  steamer: ['The {place} Packet', 'Mail Steamer off {place}', 'Last Boat to {place}'],
  mountain: ['Mount {place}', 'Dawn over {place}', 'The {place} Pass'],
  comet: ['Comet over {place}', 'The Great Comet of {place}', 'Wanderer, {place} Observatory'],
  fish: ['The {place} Char', 'Bream of {place} Water', '{place} Fisheries'],
  fern: ['{place} Fern', 'Flora of {place}', 'Herbarium: {place}'],
  swallow: ['Swallow at {place}', 'The {place} Return', 'Spring Passage, {place}'],
  moth: ['The {place} Hawkmoth', 'Night Visitor, {place}', 'Moth of {place} Wood'],
  balloon: ['Ascent at {place}', 'The {place} Air Post', 'Balloon Mail, {place}'],
  whale: ['The {place} Whale', 'Sounding off {place}', 'Old Grey of {place}'],
  moon: ['Moonrise, {place}', 'Harvest Moon at {place}', '{place} by Night'],
  aqueduct: ['The {place} Aqueduct', 'Nine Arches, {place}', 'Water for {place}'],
}

const PLACES =
  `Farrow Inverlane Skarn Ombra Tolliver Dunmere Calder Essel Quarrow Vane Marrowby Ystad Pell Corrin Hallam
  Aldwater Brisco Nettle Thorne Sabine Orrery Wick Larkrise Moss Ember Gannet Saltire Anvil Rook Tamsin Hollow Vesper
  Lund Cassock Bellwether Drift Merle Stroma Fennel Kestrel Ardent Pomfret Ilse Gloam Harrow Swale Tansy Umbel Verity
  Winnow Yarrow Zephyr Alder Bramble Cinder Dapple Elver Furlong`.split(/\s+/)

const PRINTING = ['recess-printed', 'letterpress', 'lithographed', 'photogravure']
const PERFORATIONS = ['11', '11½', '12', '12½', '13¼', '14']
const FACE_VALUES = [1, 2, 3, 5, 6, 8, 10, 12, 15, 20, 25, 40, 50]
const FRAMES = 4

/**
 * @typedef {object} Stamp
 * @property {number} id
 * @property {string} title
 * @property {string} country
 * @property {Motif} motif
 * @property {number} ink Position in `INKS`.
 * @property {number} frame Which of the frame designs it has.
 * @property {number} year
 * @property {string} face Face value, e.g. `5 heller`.
 * @property {boolean} used Postmarked.
 * @property {string} printing
 * @property {string} perforation
 * @property {number} price In cents.
 * @property {string} description
 */

/**
 * The stamp with this number.
 * @param {number} id
 * @returns {Stamp}
 */
export function inventStamp(id) {
  const random = createRandom(id)
  const issuer = pick(COUNTRIES, random)
  const motif = pick(MOTIFS, random)
  const place = pick(PLACES, random)
  const ink = Math.floor(random() * INKS.length)
  const year = issuer.from + Math.floor(random() * (issuer.to - issuer.from + 1))
  const value = pick(FACE_VALUES, random)
  const used = random() < 0.35
  const rarity = random() ** 6
  const price =
    60 + Math.round(((1950 - Math.min(year, 1950)) * 4 + rarity * 14_000 + random() * 320) / 10) * 10
  return {
    id,
    title: pick(TITLES[motif], random).replace('{place}', place),
    country: issuer.name,
    motif,
    ink,
    frame: Math.floor(random() * FRAMES),
    year,
    face: `${value} ${issuer.unit}`,
    used,
    printing: pick(PRINTING, random),
    perforation: pick(PERFORATIONS, random),
    price: used ? Math.max(40, Math.round(price * 0.06) * 10) : price,
    description: describe({ issuer, used, rarity, random }),
  }
}

const GUM = [
  'Full gum, never hinged.',
  'Full gum with a light hinge mark.',
  'Without gum, as issued.',
  'Fresh colour, a trifle off centre to the left.',
]
const POSTMARKS = [
  'Neat corner postmark that leaves the picture clear.',
  'Cancelled by favour at the philatelic window.',
  'Postally used, with a readable date.',
  'A heavier cancel, which we think it carries well.',
]

/** @param {{ issuer: Country, used: boolean, rarity: number, random: () => number }} parts */
function describe({ issuer, used, rarity, random }) {
  const state = pick(used ? POSTMARKS : GUM, random)
  const scarce = rarity > 0.5 ? ' Seldom offered; we know of six.' : ''
  return `${state}${scarce} ${issuer.name} ${issuer.fate}.`
}

/**
 * @template T
 * @param {readonly T[]} list
 * @param {() => number} random
 * @returns {T}
 */
function pick(list, random) {
  return /** @type {T} */ (list[Math.floor(random() * list.length)])
}

/**
 * Numbers that look random and are the same for the same seed (the mixing steps of a 32-bit integer hash).
 * @param {number} seed
 */
function createRandom(seed) {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
