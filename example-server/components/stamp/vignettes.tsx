import type { ComponentType } from 'react'
import type { Motif } from '../../data/vocabulary.js'
import type { Plate } from './ink.js'
import { Aqueduct, Fern, Moth, Mountain } from './land.js'
import { Fish, Lighthouse, Steamer, Whale } from './sea.js'
import { Balloon, Comet, Moon, Swallow } from './sky.js'

export const VIGNETTES: Record<Motif, ComponentType<Plate>> = {
  lighthouse: Lighthouse,
  steamer: Steamer,
  mountain: Mountain,
  comet: Comet,
  fish: Fish,
  fern: Fern,
  swallow: Swallow,
  moth: Moth,
  balloon: Balloon,
  whale: Whale,
  moon: Moon,
  aqueduct: Aqueduct,
}
