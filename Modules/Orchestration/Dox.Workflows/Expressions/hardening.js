// Run once in each engine, before anything of a rule.
// Natives that build a text from a short call would pass the memory limit between two statements, so they count first. Those that go on through a text
// with a regular expression are written out: the limits are looked at between two matches, and one match has a limit of its own. JSON and random
// numbers are taken away: one amplifies, the other would make a step that runs again differ. Then nothing shared can be changed.
(function () {
  const most = 1000000;
  const fits = n => { if (n > most) throw new RangeError('The text would be longer than ' + most + ' characters.'); };
  const text = String.prototype, list = Array.prototype, { exec } = RegExp.prototype, iterator = Symbol.iterator;
  const { repeat, padStart, padEnd, replaceAll, replace, match, matchAll, split, indexOf, slice } = text, { join, push } = list;
  const define = (on, name, value) => Object.defineProperty(on, name, { value, writable: false, enumerable: false, configurable: false });
  const goesOn = pattern => pattern instanceof RegExp && (pattern.global || String(pattern.flags).includes('g'));
  const again = (pattern, flag) => new RegExp(pattern.source, String(pattern.flags).includes(flag) ? pattern.flags : pattern.flags + flag);
  const matches = (value, pattern) => {
    const found = [], own = again(pattern, 'g');
    for (let m = exec.call(own, value); m !== null; m = exec.call(own, value)) {
      push.call(found, m);
      if (m[0].length === 0) own.lastIndex++;
    }
    return found;
  };
  const filled = (with_, m, value) => {
    if (indexOf.call(with_, '$') < 0) return with_;
    let made = '';
    for (let i = 0; i < with_.length; i++) {
      const next = with_[i + 1], two = slice.call(with_, i + 1, i + 3);
      if (with_[i] !== '$' || next === undefined) made += with_[i];
      else if (next === '$') { made += '$'; i++; }
      else if (next === '&') { made += m[0]; i++; }
      else if (next === '`') { made += slice.call(value, 0, m.index); i++; }
      else if (next === "'") { made += slice.call(value, m.index + m[0].length); i++; }
      else if (two.length === 2 && two >= '01' && two <= '99' && two[1] >= '0' && two[1] <= '9' && +two < m.length) { made += m[+two] ?? ''; i += 2; }
      else if (next >= '1' && next <= '9' && +next < m.length) { made += m[+next] ?? ''; i++; }
      else if (next === '<' && m.groups && indexOf.call(with_, '>', i) > 0) {
        const end = indexOf.call(with_, '>', i);
        made += m.groups[slice.call(with_, i + 2, end)] ?? '';
        i = end;
      } else made += '$';
      fits(made.length);
    }
    return made;
  };
  const replaced = (value, pattern, with_) => {
    const parts = [];
    let at = 0, n = 0;
    for (const m of matches(value, pattern)) {
      const made = typeof with_ === 'function' ? String(with_(...m, m.index, value, ...(m.groups ? [m.groups] : []))) : filled(String(with_), m, value);
      n += made.length;
      fits(n);
      push.call(parts, slice.call(value, at, m.index), made);
      at = m.index + m[0].length;
    }
    push.call(parts, slice.call(value, at));
    return parts.join('');
  };
  define(text, 'repeat', function (n) { fits(this.length * n); return repeat.call(this, n); });
  define(text, 'padStart', function (n, s) { fits(n); return padStart.call(this, n, s); });
  define(text, 'padEnd', function (n, s) { fits(n); return padEnd.call(this, n, s); });
  define(text, 'replaceAll', function (a, b) {
    if (goesOn(a)) return replaced(String(this), a, b);
    if (typeof b === 'string') fits(this.length * (b.length + 1));
    return replaceAll.call(this, a, b);
  });
  define(text, 'replace', function (a, b) {
    if (goesOn(a)) return replaced(String(this), a, b);
    if (typeof b === 'string') fits(this.length * (b.length + 1));
    return replace.call(this, a, b);
  });
  define(text, 'match', function (a) {
    if (!goesOn(a)) return match.call(this, a);
    const found = matches(String(this), a).map(m => m[0]);
    return found.length > 0 ? found : null;
  });
  define(text, 'matchAll', function (a) {
    if (!goesOn(a)) return matchAll.call(this, a);
    return matches(String(this), a)[iterator]();
  });
  define(text, 'split', function (a, limit) {
    if (!(a instanceof RegExp) || this.length === 0) return split.call(this, a, limit);
    const value = String(this), parts = [];
    let at = 0;
    for (const m of matches(value, a)) {
      if (m[0].length === 0 && (m.index === at || m.index >= value.length)) continue;
      push.call(parts, slice.call(value, at, m.index), ...m.slice(1));
      at = m.index + m[0].length;
    }
    push.call(parts, slice.call(value, at));
    return limit === undefined ? parts : parts.slice(0, limit);
  });
  define(list, 'join', function (s) {
    const separator = s === undefined ? ',' : String(s), parts = [];
    let n = 0;
    for (let i = 0; i < this.length; i++) { const p = this[i] == null ? '' : String(this[i]); n += p.length + separator.length; fits(n); push.call(parts, p); }
    return join.call(parts, separator);
  });
  define(list, 'toLocaleString', function () { return this.join(); });
  delete globalThis.JSON;
  delete Math.random;
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const value = globalThis[name];
    if (value && (typeof value === 'object' || typeof value === 'function') && value !== globalThis) {
      if (value.prototype) Object.freeze(value.prototype);
      Object.freeze(value);
    }
  }
  Object.freeze(Object.getPrototypeOf(function* () {}));
  Object.freeze(Object.getPrototypeOf(async function () {}));
  Object.freeze(globalThis);
})();
