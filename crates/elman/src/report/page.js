// Charts of the page, under the pointer: values where it rests, a closer look where it is dragged along, all of it again after a
// double click. Without this script the page says the same.
(() => {
  const svgElement = (name, attributes) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  document.body.append(tip);

  const short = (value) => {
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(3);
    return String(Number(value.toPrecision(4)));
  };
  const moment = (seconds, span) => {
    const iso = new Date(seconds * 1000).toISOString();
    return span < 4 * 86400 ? iso.slice(5, 16).replace('T', ' ') : iso.slice(0, 10);
  };
  // Steps of 1, 2 or 5 times a power of ten; of time, of minutes to years.
  const ticks = (low, high, count, scale) => {
    const rough = (high - low) / count;
    let step = 10 ** Math.floor(Math.log10(rough));
    step *= [1, 2, 5, 10].find((factor) => factor * step >= rough);
    if (scale === 'count') step = Math.max(1, Math.round(step));
    if (scale === 'time') {
      const day = 86400;
      const steps = [60, 300, 900, 3600, 10800, 21600, day, 2 * day, 7 * day, 30 * day, 91 * day, 365 * day];
      step = steps.find((known) => known >= rough) ?? Math.ceil(rough / (365 * day)) * 365 * day;
    }
    const found = [];
    for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(at);
    return found;
  };

  document.querySelectorAll('svg.elman-plot g.panel').forEach((panel, index) => {
    const svg = panel.ownerSVGElement;
    const [xLow, xHigh, left, right] = panel.dataset.x.split(' ').map(Number);
    const [yLow, yHigh, bottom, top] = panel.dataset.y.split(' ').map(Number);
    const { xScale, yScale, xTitle } = panel.dataset;
    let view = [xLow, xHigh];
    const toX = (pixel) => xLow + ((pixel - left) / (right - left)) * (xHigh - xLow);
    const toY = (pixel) => {
      const value = yLow + ((bottom - pixel) / (bottom - top)) * (yHigh - yLow);
      return yScale === 'logarithmic' ? 10 ** value : value;
    };
    const place = (value) => left + ((value - view[0]) / (view[1] - view[0])) * (right - left);
    const said = (value) => {
      if (xScale === 'time') return moment(value, view[1] - view[0]);
      return short(xScale === 'logarithmic' ? 10 ** value : value);
    };

    const clip = svgElement('clipPath', { id: `panel-${index}` });
    const box = { x: left - 6, y: top - 6, width: right - left + 12, height: bottom - top + 12 };
    clip.append(svgElement('rect', box));
    panel.append(clip);
    const series = [...panel.querySelectorAll('g.series')].map((group) => {
      group.setAttribute('clip-path', `url(#panel-${index})`);
      const lines = [...group.querySelectorAll('polyline')].map((line) => ({
        line,
        points: line.getAttribute('points').split(' ').map((point) => point.split(',').map(Number)),
      }));
      const marks = [...group.querySelectorAll('.dot')].map((mark) => {
        const { x, y, width, height } = mark.getBBox();
        return { mark, at: [x + width / 2, y + height / 2] };
      });
      const points = lines.flatMap(({ points }) => points);
      const single = marks.map(({ at }) => at).filter(([x]) => !points.some((point) => Math.abs(point[0] - x) < 0.6));
      return { name: group.dataset.name, lines, marks, points: [...points, ...single] };
    });
    const rules = [...panel.querySelectorAll('g.rules > *')];
    const axis = panel.querySelector('g.ticks');
    const first = axis.innerHTML;
    const cursor = svgElement('line', { class: 'rule', y1: top, y2: bottom, visibility: 'hidden' });
    const band = svgElement('rect', { class: 'band', y: top, height: bottom - top, visibility: 'hidden' });
    const sheet = svgElement('rect', { class: 'sheet', ...box });
    panel.append(band, cursor, sheet);

    const look = (from, to) => {
      view = [from, to];
      const whole = from === xLow && to === xHigh;
      for (const { lines, marks } of series) {
        for (const { line, points } of lines) {
          line.setAttribute('points', points.map(([x, y]) => `${place(toX(x)).toFixed(1)},${y}`).join(' '));
        }
        for (const { mark, at } of marks) mark.setAttribute('transform', `translate(${place(toX(at[0])) - at[0]} 0)`);
      }
      for (const rule of rules) rule.setAttribute('visibility', whole ? 'visible' : 'hidden');
      axis.innerHTML = whole ? first : '';
      if (whole) return;
      for (const at of ticks(from, to, Math.max(2, (right - left) / 90), xScale)) {
        const x = place(at);
        const label = svgElement('text', { class: 'tick', x, y: bottom + 17, 'text-anchor': 'middle' });
        label.textContent = said(at);
        axis.append(svgElement('line', { class: 'axis', x1: x, x2: x, y1: bottom, y2: bottom + 4 }), label);
      }
    };

    const pixel = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
    let start = null;
    const hide = () => {
      tip.hidden = true;
      cursor.setAttribute('visibility', 'hidden');
      band.setAttribute('visibility', 'hidden');
    };
    sheet.addEventListener('pointerdown', (event) => {
      start = pixel(event);
      sheet.setPointerCapture(event.pointerId);
    });
    sheet.addEventListener('pointermove', (event) => {
      const at = Math.min(right, Math.max(left, pixel(event)));
      if (start !== null && Math.abs(at - start) > 6) {
        band.setAttribute('x', Math.min(start, at));
        band.setAttribute('width', Math.abs(at - start));
        band.setAttribute('visibility', 'visible');
      }
      let nearest = Infinity;
      for (const { points } of series) {
        for (const [x] of points) {
          const seen = place(toX(x));
          if (seen >= left - 1 && seen <= right + 1 && Math.abs(seen - at) < Math.abs(place(toX(nearest)) - at)) nearest = x;
        }
      }
      if (nearest === Infinity) return hide();
      const seen = place(toX(nearest));
      cursor.setAttribute('x1', seen);
      cursor.setAttribute('x2', seen);
      cursor.setAttribute('visibility', 'visible');
      const value = xScale === 'count' ? Math.round(toX(nearest)) : toX(nearest);
      const lines = [`${xTitle} ${said(value)}`];
      for (const { name, points } of [...series].reverse().slice(0, 8)) {
        const point = points.find(([x]) => Math.abs(x - nearest) < 0.06);
        if (point) lines.push(`${name}: ${short(toY(point[1]))}`);
      }
      tip.textContent = lines.join('\n');
      tip.hidden = false;
      const { innerWidth, scrollX, scrollY } = window;
      const room = event.clientX + tip.offsetWidth + 24 > innerWidth ? -tip.offsetWidth - 14 : 14;
      tip.style.left = `${Math.max(4, event.clientX + room) + scrollX}px`;
      tip.style.top = `${event.clientY + 14 + scrollY}px`;
    });
    sheet.addEventListener('pointerup', (event) => {
      const at = Math.min(right, Math.max(left, pixel(event)));
      const from = start === null ? at : Math.min(right, Math.max(left, start));
      start = null;
      band.setAttribute('visibility', 'hidden');
      if (Math.abs(at - from) <= 6) return;
      const back = (x) => view[0] + ((x - left) / (right - left)) * (view[1] - view[0]);
      look(back(Math.min(from, at)), back(Math.max(from, at)));
    });
    sheet.addEventListener('pointerleave', hide);
    sheet.addEventListener('pointercancel', () => {
      start = null;
      hide();
    });
    sheet.addEventListener('dblclick', () => look(xLow, xHigh));
  });
})();
