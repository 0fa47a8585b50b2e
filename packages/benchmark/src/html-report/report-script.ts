/*
 * What draws the plots in the reader's browser, with Chart.js, which stands before it in the report. It is text here: no type of it exists in Node. It takes the plots from the JSON in the
 * page and makes no request; names become text of a canvas, never of the page.
 */

/** The report's script. */
export const REPORT_SCRIPT: string = String.raw`
'use strict';
(() => {
  const plots = JSON.parse(document.getElementById('plot-data').textContent);
  const canvases = document.querySelectorAll('.canvas canvas');
  // Okabe and Ito's colours, which those tell apart too who see red and green alike; of the dark ones lighter kin on black.
  const LIGHT = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56b4e9', '#000000'];
  const DARK = ['#56b4e9', '#ff9d4d', '#2fd6a5', '#eaa0ca', '#f0e442', '#8fb8ff', '#ffffff'];
  const SHAPES = ['circle', 'rect', 'triangle', 'rectRot', 'crossRot', 'star', 'rectRounded'];
  const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3], [1, 2], [12, 4], [4, 1]];
  // Above so many points a series has a band, below bars of their own.
  const MOST_BARS = 24;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const charts = [];

  function short(value) {
    const size = Math.abs(value);
    for (const [least, unit] of [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']]) {
      if (size >= least) return Number((value / least).toPrecision(3)) + unit;
    }
    return String(Number(value.toPrecision(3)));
  }

  const errorBars = {
    id: 'errorBars',
    // Points of several series over one name stand side by side.
    afterDatasetsUpdate(chart) {
      const count = chart.data.datasets.length;
      chart.data.datasets.forEach((dataset, index) => {
        if (!dataset.isBeside) return;
        for (const element of chart.getDatasetMeta(index).data) element.x += (index - (count - 1) / 2) * 14;
      });
    },
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      ctx.save();
      ctx.beginPath();
      // Caps of bars at the edges are to be seen.
      ctx.rect(chartArea.left - 5, chartArea.top, chartArea.width + 10, chartArea.height);
      ctx.clip();
      chart.data.datasets.forEach((dataset, index) => {
        if (!dataset.hasBars || !chart.isDatasetVisible(index)) return;
        ctx.strokeStyle = dataset.barColor;
        ctx.lineWidth = 1.5;
        chart.getDatasetMeta(index).data.forEach((element, at) => {
          const { low, high } = dataset.data[at];
          if (!(high > low)) return;
          const [top, bottom] = [high, low].map((value) => scales.y.getPixelForValue(value));
          ctx.beginPath();
          ctx.moveTo(element.x, top);
          ctx.lineTo(element.x, bottom);
          ctx.moveTo(element.x - 4, top);
          ctx.lineTo(element.x + 4, top);
          ctx.moveTo(element.x - 4, bottom);
          ctx.lineTo(element.x + 4, bottom);
          ctx.stroke();
        });
      });
      ctx.restore();
    },
  };

  function bandsOf(series, color) {
    const edge = (key) => ({
      label: '',
      data: series.points.map((point) => ({ x: point.x, y: point[key] })),
      borderWidth: 0,
      pointRadius: 0,
      pointHitRadius: 0,
      isBand: true,
    });
    return [{ ...edge('low'), fill: false }, { ...edge('high'), fill: '-1', backgroundColor: color + '33' }];
  }

  function datasetsOf(plot, colors, text) {
    const isCategory = plot.x.scale === 'category';
    const isBar = isCategory && plot.y.scale === 'linear';
    return plot.series.flatMap((series, index) => {
      const color = colors[index % colors.length];
      const hasBands = !isCategory && series.points.length > MOST_BARS;
      const points = series.points.map(({ x, y, low, high }) => ({ x: isCategory ? String(x) : x, y, low, high }));
      const main = {
        type: isBar ? 'bar' : 'line',
        label: series.name,
        data: points,
        hasBars: !hasBands,
        barColor: isBar ? text : color,
        borderColor: color,
        backgroundColor: color,
        borderWidth: isBar ? 0 : 2,
        borderDash: DASHES[index % DASHES.length],
        pointStyle: SHAPES[index % SHAPES.length],
        pointRadius: hasBands ? 0 : 4,
        pointHitRadius: 8,
        showLine: !isCategory,
        isBeside: isCategory && !isBar,
        maxBarThickness: 48,
      };
      return hasBands ? [...bandsOf(series, color), main] : [main];
    });
  }

  function labelsOf(plot) {
    if (plot.x.scale !== 'category') return undefined;
    return [...new Set(plot.series.flatMap((series) => series.points.map((point) => String(point.x))))];
  }

  // All of the bars and bands is to be seen.
  function rangeOf(plot) {
    const values = plot.series.flatMap((series) => series.points.flatMap(({ y, low, high }) => [y, low, high]));
    const shown = values.filter((value) => Number.isFinite(value) && (plot.y.scale !== 'log' || value > 0));
    return shown.length === 0 ? {} : { suggestedMin: Math.min(...shown), suggestedMax: Math.max(...shown) };
  }

  function scaleOf(axis, colors, xs) {
    const ticks = { color: colors.soft, maxRotation: 40 };
    if (axis.scale !== 'category') ticks.callback = (value) => short(value);
    const scale = {
      type: { linear: 'linear', log: 'logarithmic', category: 'category' }[axis.scale],
      title: { display: true, text: axis.label, color: colors.soft },
      grid: { color: colors.line },
      ticks,
    };
    if (axis.scale === 'category') scale.offset = true;
    if (axis.scale === 'linear' && xs === undefined) scale.beginAtZero = true;
    // What was measured is what is marked: thinned out where it is too much.
    const hasFewXs = xs !== undefined && axis.scale !== 'category' && xs.length > 0 && xs.length <= 16;
    if (hasFewXs) scale.afterBuildTicks = (own) => { own.ticks = xs.map((value) => ({ value })); };
    if (axis.scale === 'log' && xs === undefined) {
      ticks.autoSkip = true;
      ticks.callback = (value) => ([1, 2, 5].includes(Math.round(value / 10 ** Math.floor(Math.log10(value)))) ? short(value) : '');
    }
    return scale;
  }

  function tooltipOf(plot) {
    return {
      filter: (item) => !item.dataset.isBand,
      callbacks: {
        title: ([item]) => plot.x.label + ': ' + (plot.x.scale === 'category' ? item.raw.x : short(item.raw.x)),
        label: (item) => item.dataset.label + ': ' + short(item.raw.y) + ' (' + short(item.raw.low) + ' – ' + short(item.raw.high) + ')',
      },
    };
  }

  function configOf(plot, isDark) {
    const style = getComputedStyle(document.documentElement);
    const read = (name, light) => (isDark ? style.getPropertyValue(name).trim() : light);
    const colors = { text: read('--text', '#1b1f24'), soft: read('--soft', '#57606a'), line: read('--line', '#d0d7de') };
    const xs = [...new Set(plot.series.flatMap((series) => series.points.map((point) => point.x)))].sort((a, b) => a - b);
    return {
      type: 'line',
      data: { labels: labelsOf(plot), datasets: datasetsOf(plot, isDark ? DARK : LIGHT, colors.text) },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'nearest', axis: 'xy', intersect: false },
        scales: { x: scaleOf(plot.x, colors, xs), y: { ...rangeOf(plot), ...scaleOf(plot.y, colors) } },
        plugins: {
          legend: { labels: { color: colors.text, usePointStyle: true, filter: (item, data) => !data.datasets[item.datasetIndex].isBand } },
          tooltip: tooltipOf(plot),
        },
      },
      plugins: [errorBars],
    };
  }

  function draw(isDark) {
    for (const chart of charts.splice(0)) chart.destroy();
    plots.forEach((plot, index) => {
      charts.push(new Chart(canvases[index], configOf(plot, isDark)));
      canvases[index].dataset.drawn = String(charts[index].data.datasets.length);
    });
  }

  draw(dark.matches);
  dark.addEventListener('change', () => draw(dark.matches));
  // Paper is white, and as wide as it is.
  addEventListener('beforeprint', () => { draw(false); for (const chart of charts) chart.resize(330, 220); });
  addEventListener('afterprint', () => draw(dark.matches));
})();
`;
