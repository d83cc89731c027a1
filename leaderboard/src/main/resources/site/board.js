// Sorting and filters of the board, filters and paging of the sample browser. The pages are whole without it.
// The address holds the whole view: a handler writes the address, draw() reads it.
'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = selector => document.querySelector(selector);
  const said = name => new URLSearchParams(location.search).get(name) || '';
  const squeezed = text => text.toLowerCase().replace(/\s+/g, ' ').trim();

  // Changes the address; empty values are defaults and stay out of it. A step can be undone with the browser's Back.
  function go(values, isStep, hash = '') {
    const state = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) {
      if (value) state.set(name, value); else state.delete(name);
    }
    const query = state.toString();
    if (query === new URLSearchParams(location.search).toString() && hash === location.hash) return;
    history[isStep ? 'pushState' : 'replaceState'](null, '', (query ? '?' + query : location.pathname) + hash);
  }

  // A table that is wider than the page can be scrolled with the keyboard; one that fits is no stop on the way.
  const sheets = new ResizeObserver(entries => entries.forEach(({target}) => {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0; else target.removeAttribute('tabindex');
  }));
  all('.sheet').forEach(sheet => sheets.observe(sheet));

  function board(table) {
    const headers = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    const published = [...body.rows];
    const find = one('#find'), kind = one('#kind'), shown = one('#shown');
    const order = one('#sort'); // cards have no header row to click
    const turned = {ascending: 'descending', descending: 'ascending'};

    function sorting() { // {index, order}; "-column" is the other way round
      const name = said('sort');
      const index = headers.findIndex(header => header.dataset.key === name);
      if (index >= 0) return {index, order: headers[index].dataset.first};
      const other = headers.findIndex(header => '-' + header.dataset.key === name);
      return other < 0 ? null : {index: other, order: turned[headers[other].dataset.first]};
    }

    function sorted() {
      const by = sorting();
      if (!by) return published;
      const sign = by.order === 'ascending' ? 1 : -1;
      const key = row => row.cells[by.index].dataset.sort || '';
      return [...published].sort((a, b) => {
        const x = key(a), y = key(b);
        if (!x || !y) return (x ? 0 : 1) - (y ? 0 : 1); // undefined stays below, whatever the order
        return sign * (by.index === 0 ? x.localeCompare(y) : Number(x) - Number(y));
      });
    }

    function draw() {
      const by = sorting();
      headers.forEach((header, index) => {
        if (by && by.index === index) header.setAttribute('aria-sort', by.order); else header.removeAttribute('aria-sort');
      });
      order.value = by ? headers[by.index].dataset.key : '';
      body.append(...sorted());
      const words = said('find');
      if (find.value.trim() !== words) find.value = words;
      kind.value = [...kind.options].some(option => option.value === said('show')) ? said('show') : '';
      let count = 0;
      for (const row of published) {
        const isKind = !kind.value || row.dataset.kind === kind.value || row.dataset.verdicts.split(' ').includes(kind.value);
        row.hidden = !isKind || !squeezed(row.cells[0].textContent).includes(squeezed(words));
        if (!row.hidden) count++;
      }
      shown.value = count === published.length ? '' : count === 0 ? 'No such row.' : count + ' of ' + published.length + ' rows';
    }

    headers.forEach((header, index) => header.querySelector('button').addEventListener('click', () => {
      const by = sorting();
      const isTurned = by && by.index === index && by.order === header.dataset.first;
      go({sort: (isTurned ? '-' : '') + header.dataset.key}, true);
      draw();
    }));
    find.addEventListener('input', () => { go({find: find.value.trim()}, false); draw(); });
    kind.addEventListener('change', () => { go({show: kind.value}, true); draw(); });
    order.addEventListener('change', () => { go({sort: order.value}, true); draw(); });
    addEventListener('popstate', draw);
    one('.tools').hidden = false;
    draw();
  }

  function samples(articles) {
    const pageSize = 20;
    const buttons = all('.filters button');
    const find = one('#find'), shown = one('#shown'), place = one('#place'), pager = one('.pager');
    const before = one('#before'), next = one('#next');
    const texts = new Map();

    function text(article) {
      if (!texts.has(article)) texts.set(article, squeezed(article.textContent));
      return texts.get(article);
    }

    function chosen() {
      const button = buttons.find(b => b.dataset.show === said('show')) || buttons[0];
      const groups = button.dataset.groups.split(' ');
      const words = squeezed(said('find'));
      return articles.filter(article => groups.includes(article.dataset.group) && text(article).includes(words));
    }

    const pagesOf = count => Math.max(1, Math.ceil(count / pageSize));
    const pageOf = count => Math.min(Math.max(1, parseInt(said('page'), 10) || 1), pagesOf(count));

    function draw() {
      const list = chosen(), pages = pagesOf(list.length), page = pageOf(list.length);
      const visible = new Set(list.slice((page - 1) * pageSize, page * pageSize));
      articles.forEach(article => { article.hidden = !visible.has(article); });
      const pressed = buttons.find(b => b.dataset.show === said('show')) || buttons[0];
      buttons.forEach(button => button.setAttribute('aria-pressed', String(button === pressed)));
      if (find.value.trim() !== said('find')) find.value = said('find');
      shown.textContent = list.length === 0 ? 'No such document.'
        : list.length + ' of ' + articles.length + ' documents' + (one('.parts-list') ? ' of this part' : '');
      pager.hidden = pages === 1;
      place.textContent = 'Page ' + page + ' of ' + pages;
      before.disabled = page === 1;
      next.disabled = page === pages;
      return visible;
    }

    function follow() { // a link to a document opens its page and puts the reader there
      const target = articles.find(article => '#' + article.id === location.hash);
      if (!target) return;
      if (!chosen().includes(target)) go({show: '', find: ''}, false, location.hash);
      const page = Math.floor(chosen().indexOf(target) / pageSize) + 1;
      go({page: page === 1 ? '' : String(page)}, false, location.hash);
      draw();
      target.focus({preventScroll: true});
      target.scrollIntoView({behavior: 'instant'});
    }

    function turn(by) {
      const page = pageOf(chosen().length) + by;
      go({page: page === 1 ? '' : String(page)}, true);
      const [first] = draw();
      first.focus({preventScroll: true});
      first.scrollIntoView({behavior: 'instant'});
    }

    buttons.forEach(button => button.addEventListener('click', () => { go({show: button.dataset.show, page: ''}, true); draw(); }));
    find.addEventListener('input', () => { go({find: find.value.trim(), page: ''}, false); draw(); });
    before.addEventListener('click', () => turn(-1));
    next.addEventListener('click', () => turn(1));
    addEventListener('popstate', draw);
    addEventListener('hashchange', follow);
    one('.tools').hidden = false;
    draw();
    follow();
  }

  if (one('#board')) board(one('#board'));
  const articles = all('#documents > article');
  if (articles.length) samples(articles);
})();
