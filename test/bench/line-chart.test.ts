import { expect } from 'chai';
import { axisOver } from '../../bench/chart/axis.js';
import { lineChart } from '../../bench/chart/line-chart.js';

describe('the chart of the bench', () => {
  it('gives values that differ much a logarithmic axis', () => {
    const axis = axisOver([10, 100, 1000], 300);
    expect(axis.ticks).to.deep.equal([10, 100, 1000]);
    expect([10, 100, 1000].map((value) => Math.round(axis.at(value)))).to.deep.equal([0, 150, 300]);
  });

  it('begins at zero where values are about the same, and where one is zero', () => {
    expect(axisOver([70, 90], 100).ticks).to.deep.equal([0, 20, 40, 60, 80, 100]);
    expect(axisOver([0, 1000, 10_000], 100).at(0)).to.equal(0);
  });

  it('leaves no value outside', () => {
    for (const values of [[3], [7, 7001], [0.3, 4], [1, 9.99], [0], [64, 127_000_000]]) {
      const axis = axisOver(values, 100);
      for (const value of values) expect(axis.at(value)).to.be.within(0, 100.000001);
    }
  });

  it('draws each line with a point for each value, and names one that has none', () => {
    const lines = [
      { name: 'Foghorn & co', ys: [3, 2, 1] },
      { name: 'peer (missing)', ys: [] },
    ];
    const svg = lineChart({ title: 'T', xLabel: 'x', yLabel: 'y', xs: [1, 2, 3], lines });
    expect(svg.match(/<circle /g)).to.have.length(3);
    expect(svg).to.include('>Foghorn &#38; co</text>').and.to.include('>peer (missing)</text>');
    expect(svg).not.to.include('NaN');
  });
});
