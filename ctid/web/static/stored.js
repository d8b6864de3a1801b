// Small choices that a browser remembers. Storage may be switched off: then they last for the page.

const here = new Map();

export function remembered(name, otherwise) {
  try {
    return localStorage.getItem(`ctid.${name}`) ?? here.get(name) ?? otherwise;
  } catch {
    return here.get(name) ?? otherwise;
  }
}

export function remember(name, value) {
  here.set(name, value);
  try {
    localStorage.setItem(`ctid.${name}`, value);
  } catch {
    // kept in `here`
  }
}
