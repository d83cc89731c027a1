package dev.whetstone.eval.filter;

import java.util.List;

/** The first of the repeats. */
final class TakeFirst {
  static final FilterKind KIND = new FilterKind("take_first", arguments -> TakeFirst::first);

  private TakeFirst() {}

  private static Object first(Object responses) {
    return responses instanceof List<?> list ? list.get(0) : responses;
  }
}
