package dev.whetstone.datasets.job;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Each element of an iterator turned into several, one element in memory at a time. */
final class FlatIterator<A, B> implements Iterator<B> {
  private final Iterator<A> in;
  private final Function<A, Iterator<B>> each;
  private Iterator<B> out = Collections.emptyIterator();

  FlatIterator(Iterator<A> in, Function<A, Iterator<B>> each) {
    this.in = in;
    this.each = each;
  }

  @Override
  public boolean hasNext() {
    while (!out.hasNext() && in.hasNext()) {
      out = each.apply(in.next());
    }
    return out.hasNext();
  }

  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return out.next();
  }
}
