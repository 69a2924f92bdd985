/** What an element may be given; text goes in as text only, so that nothing from elsewhere can become part of the page. */
export type Content = Node | string;
export type Attributes = Readonly<Record<string, string>>;

/** Makes an element. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** The element of the page with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/** A paragraph. */
export function paragraph(...content: readonly Content[]): HTMLParagraphElement {
  return element('p', {}, ...content);
}

let sections = 0;

/** A part of the page with its own heading. */
export function section(title: string, ...content: readonly Content[]): HTMLElement {
  sections += 1;
  const id = `part-${sections}`;
  return element('section', { 'aria-labelledby': id }, element('h2', { id }, title), ...content);
}

/** Names and what they stand for. */
export function factList(facts: readonly (readonly [string, ...Content[]])[]): HTMLElement {
  const rows = facts.map(([name, ...value]) => [element('dt', {}, name), element('dd', {}, ...value)]);
  return element('dl', {}, ...rows.flat());
}

/** A labelled input. */
export function field(
  label: string,
  attributes: Attributes,
): { readonly row: HTMLElement; readonly input: HTMLInputElement } {
  const id = `field-${attributes['name'] ?? label}`;
  const input = element('input', { id, ...attributes });
  return { input, row: element('div', { class: 'field' }, element('label', { for: id }, label), input) };
}
