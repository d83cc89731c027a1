package dev.whetstone.datasets.personal;

import java.util.ArrayList;
import java.util.List;

/**
 * Digits with little between them: where a number can stand. A pattern that looks at every
 * character costs a hundred times as much as counting digits, and few texts hold as many in a row
 * as a telephone number does.
 *
 * @param least digits of a chain that counts
 * @param gap the most characters between two digits of a chain
 * @param joints which characters these may be
 */
record DigitChains(int least, int gap, String joints) {
  /** The chains of a text, each from its first digit to its last, in order. */
  List<Span> in(String text) {
    List<Span> chains = List.of();
    int start = 0;
    int digits = 0;
    int last = -1; // the last digit seen, negative where no chain is open
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        if (last < 0 || i - last > gap + 1) {
          if (digits >= least) {
            chains = added(chains, start, last);
          }
          start = i;
          digits = 0;
        }
        digits++;
        last = i;
      } else if (last >= 0 && joints.indexOf(c) < 0) {
        if (digits >= least) {
          chains = added(chains, start, last);
        }
        digits = 0;
        last = -1;
      }
    }
    return digits >= least ? added(chains, start, last) : chains;
  }

  private static List<Span> added(List<Span> chains, int start, int last) {
    List<Span> all = chains.isEmpty() ? new ArrayList<>() : chains;
    all.add(new Span(start, last + 1));
    return all;
  }
}
