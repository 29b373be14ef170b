import { expect } from 'chai';
import { axisOver } from '../../bench/chart/axis.js';
import { lineChart } from '../../bench/chart/line-chart.js';

describe('the chart of the bench', () => {
  it('has a logarithmic axis for values that differ by a factor of 10 or more', () => {
    const axis = axisOver([10, 100, 1000], 300);
    expect(axis.ticks).to.deep.equal([10, 100, 1000]);
    expect([10, 100, 1000].map((value) => Math.round(axis.at(value)))).to.deep.equal([0, 150, 300]);
  });

  it('has a linear axis from zero for similar values, and for values that include zero', () => {
    expect(axisOver([70, 90], 100).ticks).to.deep.equal([0, 20, 40, 60, 80, 100]);
    expect(axisOver([0, 1000, 10_000], 100).at(0)).to.equal(0);
  });

  it('places every value on the axis', () => {
    for (const values of [[3], [7, 7001], [0.3, 4], [1, 9.99], [0], [64, 127_000_000]]) {
      const axis = axisOver(values, 100);
      for (const value of values) expect(axis.at(value)).to.be.within(0, 100.000001);
    }
  });

  it('draws a point for each value of each line, and names a line without values', () => {
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
