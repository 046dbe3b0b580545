/** The shop's tables. `stamp_words` is the full-text index over `stamps`, which it does not copy. */
export const schema = `
  create table stamps (
    id integer primary key,
    title text not null,
    country text not null,
    motif text not null,
    ink integer not null,
    frame integer not null,
    year integer not null,
    face text not null,
    used integer not null,
    printing text not null,
    perforation text not null,
    price integer not null,
    description text not null
  );
  create index stamps_by_country on stamps (country);
  create index stamps_by_motif on stamps (motif);
  create index stamps_by_price on stamps (price);

  create virtual table stamp_words using fts5 (
    title, country, motif, year, face,
    content = 'stamps', content_rowid = 'id', prefix = '2 3'
  );

  create table users (
    id integer primary key,
    name text not null unique,
    password text not null,
    admin integer not null default 0
  );

  create table sessions (id text primary key, data text not null, expires integer not null);

  create table settings (name text primary key, value text not null);

  create table cart_lines (
    cart text not null,
    stamp integer not null references stamps (id),
    quantity integer not null,
    added integer not null,
    primary key (cart, stamp)
  ) without rowid;

  create table orders (
    id integer primary key,
    user integer not null references users (id),
    placed integer not null,
    total integer not null
  );

  create table order_lines (
    order_id integer not null references orders (id),
    stamp integer not null,
    title text not null,
    price integer not null,
    quantity integer not null
  );

  create table price_changes (
    id integer primary key,
    stamp integer not null references stamps (id),
    before integer not null,
    after integer not null,
    changed integer not null
  );
`
