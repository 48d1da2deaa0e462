// Makes the children of one element like those of another, keeping what is there: focus, what is open, and inputs that were just changed.

export interface Keep {
  // inputs whose state is newer than the answer
  dirty: ReadonlySet<Element>;
}

const mine = new Set(["open", "hidden"]); // attributes that the page's script owns where it does

const keyOf = (n: Node): string => (n instanceof Element ? n.id || n.getAttribute("data-key") || "" : "");

const alike = (a: Node, b: Node): boolean => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

const attributes = (from: Element, to: Element): void => {
  const owned = from.matches("details, [data-script]");
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(owned && mine.has(name))) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value && !(owned && mine.has(name))) from.setAttribute(name, value);
  }
};

const state = (from: Element, to: Element, keep: Keep): void => {
  if (keep.dirty.has(from)) return;
  if (from instanceof HTMLInputElement && to instanceof HTMLInputElement) {
    if (from.type === "checkbox" || from.type === "radio") from.checked = to.checked;
    else if (from.value !== to.value && !from.hasAttribute("data-script")) from.value = to.value;
    else if (from.type === "range") from.value = to.value;
  } else if (from instanceof HTMLTextAreaElement && to instanceof HTMLTextAreaElement) {
    if (from.value !== to.value) from.value = to.value;
  } else if (from instanceof HTMLSelectElement && to instanceof HTMLSelectElement) {
    from.value = to.value;
  }
};

export const morph = (from: Element, to: Element, keep: Keep): void => {
  let at: ChildNode | null = from.firstChild;
  for (const want of [...to.childNodes]) {
    const key = keyOf(want);
    let have: ChildNode | null = at;
    if (have && !alike(have, want)) {
      have = null;
      if (key) {
        for (let n: ChildNode | null = at; n; n = n.nextSibling) if (alike(n, want)) have = n;
      } else if (at && !keyOf(at) && at.nextSibling && alike(at.nextSibling, want)) {
        have = at.nextSibling;
      }
    }
    if (!have) {
      from.insertBefore(want, at);
      continue;
    }
    if (have === at) at = at.nextSibling;
    else from.insertBefore(have, at);
    if (have instanceof Element && want instanceof Element) {
      if (have.hasAttribute("data-still")) continue;
      attributes(have, want);
      if (!(have instanceof HTMLTextAreaElement)) morph(have, want, keep); // what is written in it is its state
      state(have, want, keep);
    } else if (have.nodeValue !== want.nodeValue) {
      have.nodeValue = want.nodeValue;
    }
  }
  while (at) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
};
