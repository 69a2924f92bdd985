import type { ClauseParse } from '../parse/parse-clause.ts';
import { groupPlaces, type PlaceGroup } from '../parse/places.ts';

const placesOf = ({ places, tokens, names }: ClauseParse): PlaceGroup[] => groupPlaces(places, tokens, names);

/** Whether a part begins with its place, as `in stage, restart web`: then the place holds for what follows too. */
function beginsWithPlace({ places, names }: ClauseParse): boolean {
  const [place] = places;
  const [name] = names;
  return place !== undefined && place.token.index <= 3 && (name === undefined || place.token.index < name.index);
}

/** The places that hold for a part that says none. */
export function placesFor(
  parses: readonly ClauseParse[],
  index: number,
): { places: readonly PlaceGroup[]; placesBefore: readonly PlaceGroup[] } {
  const parse = parses[index];
  const before = parses.slice(0, index).findLast(({ places }) => places.length > 0);
  const placesBefore = before === undefined ? [] : placesOf(before);
  if (parse === undefined || parse.places.length > 0) return { places: [], placesBefore };
  if (before !== undefined) {
    // A look at the wrong place changes nothing; a change must say its own.
    const goesOn = beginsWithPlace(before) || parse.grammar.action.effect === 'read';
    return { places: goesOn ? placesBefore : [], placesBefore };
  }
  // `restart web and then worker in stage`: parts that go on with the same action share the place that is said last.
  const later = parses.slice(index + 1);
  const placed = later.findIndex(({ places }) => places.length > 0);
  const shared = placed >= 0 && later.slice(0, placed + 1).every(({ inherited }) => inherited);
  const said = later[placed];
  return { places: shared && said !== undefined ? placesOf(said) : [], placesBefore };
}
