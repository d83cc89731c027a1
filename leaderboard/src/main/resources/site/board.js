// Sorting and filters of the board, filters and paging of the sample browser. The pages are whole without it.
'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const state = new URLSearchParams(location.search);

  function remember(name, value) {
    if (value) state.set(name, value); else state.delete(name);
    const query = state.toString();
    history.replaceState(null, '', (query ? '?' + query : location.pathname) + location.hash);
  }

  const table = document.querySelector('#board');
  if (table) {
    const headers = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];

    function sortBy(index, order) {
      headers.forEach(header => header.removeAttribute('aria-sort'));
      headers[index].setAttribute('aria-sort', order);
      const sign = order === 'ascending' ? 1 : -1;
      const key = row => row.cells[index].dataset.sort || '';
      const rows = [...body.rows].sort((a, b) => {
        const x = key(a), y = key(b);
        if (!x || !y) return (x ? 0 : 1) - (y ? 0 : 1); // undefined stays below, whatever the order
        return sign * (index === 0 ? x.localeCompare(y) : Number(x) - Number(y));
      });
      body.append(...rows);
      remember('sort', index + (order === 'ascending' ? 'a' : 'd'));
    }

    headers.forEach((header, index) => header.querySelector('button').addEventListener('click', () => {
      const first = header.dataset.first, second = first === 'ascending' ? 'descending' : 'ascending';
      sortBy(index, header.getAttribute('aria-sort') === first ? second : first);
    }));

    const find = document.querySelector('#find'), kind = document.querySelector('#kind');
    const shown = document.querySelector('#shown');

    function filter() {
      const words = find.value.trim().toLowerCase();
      let count = 0;
      for (const row of body.rows) {
        const isKind = !kind.value || row.dataset.kind === kind.value || row.dataset.verdicts.split(' ').includes(kind.value);
        row.hidden = !isKind || !row.cells[0].textContent.toLowerCase().includes(words);
        if (!row.hidden) count++;
      }
      shown.value = count === body.rows.length ? '' : count + ' of ' + body.rows.length + ' rows';
      remember('find', find.value.trim());
      remember('show', kind.value);
    }

    const sort = /^(\d{1,3})([ad])$/.exec(state.get('sort') || '');
    if (sort && headers[Number(sort[1])]) sortBy(Number(sort[1]), sort[2] === 'a' ? 'ascending' : 'descending');
    find.value = state.get('find') || '';
    if ([...kind.options].some(option => option.value === state.get('show'))) kind.value = state.get('show');
    find.addEventListener('input', filter);
    kind.addEventListener('change', filter);
    document.querySelector('.tools').hidden = false;
    filter();
  }

  const documents = all('#documents > article');
  if (documents.length) {
    const pageSize = 20;
    const buttons = all('.filters button');
    const shown = document.querySelector('#shown'), place = document.querySelector('#place');
    const before = document.querySelector('#before'), next = document.querySelector('#next');
    let group = state.get('show') || '', page = 0;
    if (!buttons.some(button => button.dataset.group === group)) group = '';

    function show() {
      const chosen = documents.filter(doc => !group || doc.dataset.group === group);
      const pages = Math.max(1, Math.ceil(chosen.length / pageSize));
      page = Math.min(page, pages - 1);
      const visible = new Set(chosen.slice(page * pageSize, (page + 1) * pageSize));
      documents.forEach(doc => { doc.hidden = !visible.has(doc); });
      buttons.forEach(button => button.setAttribute('aria-pressed', String(button.dataset.group === group)));
      shown.textContent = chosen.length === 0 ? 'No such document.' : chosen.length + ' of ' + documents.length + ' documents';
      document.querySelector('.pager').hidden = pages === 1;
      place.textContent = 'Page ' + (page + 1) + ' of ' + pages;
      before.disabled = page === 0;
      next.disabled = page === pages - 1;
      remember('show', group);
    }

    function follow() { // a link to a document opens its page
      const target = documents.find(doc => '#' + doc.id === location.hash);
      if (!target) return;
      if (group && target.dataset.group !== group) group = '';
      page = Math.floor(documents.filter(doc => !group || doc.dataset.group === group).indexOf(target) / pageSize);
      show();
      target.scrollIntoView();
    }

    buttons.forEach(button => button.addEventListener('click', () => { group = button.dataset.group; page = 0; show(); }));
    before.addEventListener('click', () => { page--; show(); scrollTo(0, 0); });
    next.addEventListener('click', () => { page++; show(); scrollTo(0, 0); });
    addEventListener('hashchange', follow);
    show();
    follow();
  }
})();
