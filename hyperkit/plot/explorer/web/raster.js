/**
 * Dots and lines drawn into the pixels of an image, with smooth edges, without the canvas' own paths: 30,000 of those
 * take a second on a machine without a GPU, these a few milliseconds. Colours are 0xAABBGGRR, as the pixels of
 * ImageData are; the picture below is opaque, so that to blend is to mix.
 */

export class Raster {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Start from a picture of the same size. */
  clear(background) {
    this.pixels.set(background);
  }

  /** Mix `color` into a pixel, `cover` 256ths of it; both pairs of channels at once. */
  mix(index, color, cover) {
    const pixel = this.pixels[index];
    const rb = pixel & 0xff00ff;
    const g = pixel & 0x00ff00;
    const mixedRb = (rb + (Math.imul((color & 0xff00ff) - rb, cover) >>> 8)) & 0xff00ff;
    const mixedG = (g + (Math.imul((color & 0x00ff00) - g, cover) >>> 8)) & 0x00ff00;
    this.pixels[index] = 0xff000000 | mixedRb | mixedG;
  }

  /** A disk with centre (x, y). */
  dot(x, y, radius, color, alpha = 1) {
    const { width, height, pixels } = this;
    const reach = radius + 0.5;
    const left = Math.max(0, Math.ceil(x - reach - 0.5));
    const right = Math.min(width - 1, Math.floor(x + reach - 0.5));
    const top = Math.max(0, Math.ceil(y - reach - 0.5));
    const bottom = Math.min(height - 1, Math.floor(y + reach - 0.5));
    const inner = radius > 0.5 ? (radius - 0.5) * (radius - 0.5) : -1;
    const outer = reach * reach;
    const opaque = color | 0xff000000;
    for (let row = top; row <= bottom; row++) {
      const dy = row + 0.5 - y;
      for (let column = left; column <= right; column++) {
        const dx = column + 0.5 - x;
        const square = dx * dx + dy * dy;
        if (square >= outer) continue;
        const index = row * width + column;
        if (square <= inner && alpha === 1) pixels[index] = opaque;
        else {
          const cover = square <= inner ? alpha : alpha * Math.min(1, reach - Math.sqrt(square)) * Math.min(1, 2 * radius);
          this.mix(index, color, (256 * cover) | 0);
        }
      }
    }
  }

  /** A straight line from (x, y) to (u, v), `thick` pixels wide. */
  line(x, y, u, v, thick, color) {
    // Along x where it is flat and along y where it is steep; only the part inside the picture is walked.
    const steep = Math.abs(v - y) > Math.abs(u - x);
    let [a, b, c, d] = steep ? [y, x, v, u] : [x, y, u, v];
    if (a > c) [a, b, c, d] = [c, d, a, b];
    const [most, across] = steep ? [this.height, this.width] : [this.width, this.height];
    const slope = c > a ? (d - b) / (c - a) : 0;
    const stretch = Math.sqrt(1 + slope * slope);
    const half = thick / 2;
    const reach = (half + 0.5) * stretch;
    const level = Math.min(1, thick);
    const first = Math.max(0, Math.floor(a));
    const end = Math.min(most - 1, Math.ceil(c) - 1);
    for (let step = first; step <= end; step++) {
      const share = Math.min(step + 1, c) - Math.max(step, a); // how much of this column the line has
      const middle = b + slope * (step + 0.5 - a);
      const from = Math.max(0, Math.ceil(middle - reach - 0.5));
      const to = Math.min(across - 1, Math.floor(middle + reach - 0.5));
      for (let side = from; side <= to; side++) {
        const away = Math.abs(side + 0.5 - middle) / stretch;
        const cover = Math.min(1, half + 0.5 - away) * share * level;
        if (cover > 0) this.mix(steep ? step * this.width + side : side * this.width + step, color, (256 * cover) | 0);
      }
    }
  }
}
