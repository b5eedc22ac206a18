/** What the search field looks through: classes of all columns, then names and numbers of rows. */

export class Index {
  constructor(app) {
    const { data } = app;
    this.entries = [];
    for (const column of app.columns) {
      if (!column.classes || column.isPlain) continue;
      column.classes.forEach((text, code) => this.entries.push({ text, kind: column.name, column, code }));
    }
    const { names } = data.header;
    for (const node of data.nodes) {
      const row = String(data.row[node]);
      const name = names && names[node];
      this.entries.push(name ? { text: name, kind: `row ${row}`, node } : { text: row, kind: "row", node });
    }
    for (let node = 0; names && node < names.length; node++) {
      if (data.place[node] < 0 && names[node]) this.entries.push({ text: names[node], kind: "node", node });
    }
    this.texts = this.entries.map(({ text }) => text.toLowerCase());
  }

  /** Up to `most` entries with a text in them: equal ones, then those that begin with it, then the others. */
  find(text, most) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    const found = [[], [], []];
    this.texts.forEach((other, k) => {
      const place = other.indexOf(wanted);
      if (place < 0) return;
      found[other === wanted ? 0 : place === 0 ? 1 : 2].push(this.entries[k]);
    });
    return found.flat().slice(0, most);
  }
}
