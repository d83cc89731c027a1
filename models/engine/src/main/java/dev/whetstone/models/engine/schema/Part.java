package dev.whetstone.models.engine.schema;

import dev.whetstone.artifacts.Json;
import dev.whetstone.models.engine.schema.Terms.Term;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A schema or a part of one, as it was read: what documents it has. */
sealed interface Part {
  /** More references than any document may follow: a part that needs so many has no document. */
  int ENDLESS = Integer.MAX_VALUE / 2;

  /**
   * References that the shallowest document follows.
   *
   * @param heights the same for each part that is referred to, as far as it is known
   */
  int height(Map<String, Integer> heights);

  /**
   * The documents as a language.
   *
   * @param depth references followed so far
   */
  Term language(Compilation compilation, int depth);

  /** Any of some constants, each as compact JSON. */
  record Constants(List<String> texts) implements Part {
    @Override
    public int height(Map<String, Integer> heights) {
      return 0;
    }

    @Override
    public Term language(Compilation compilation, int depth) {
      return compilation.terms().any(texts.stream().map(compilation.terms()::text).toList());
    }
  }

  /** Lengths in code points. {@code most} may be {@link Terms#UNLIMITED}, here and below. */
  record Text(int least, int most) implements Part {
    @Override
    public int height(Map<String, Integer> heights) {
      return 0;
    }

    @Override
    public Term language(Compilation compilation, int depth) {
      return compilation.quoted(least, most);
    }
  }

  /** A number; {@code whole}: without fraction and exponent. */
  record Numeral(boolean whole) implements Part {
    @Override
    public int height(Map<String, Integer> heights) {
      return 0;
    }

    @Override
    public Term language(Compilation compilation, int depth) {
      return whole ? compilation.integer() : compilation.number();
    }
  }

  record Array(Part items, int least, int most) implements Part {
    @Override
    public int height(Map<String, Integer> heights) {
      return least == 0 ? 0 : items.height(heights);
    }

    @Override
    public Term language(Compilation compilation, int depth) {
      Terms terms = compilation.terms();
      Term item = items.language(compilation, depth);
      Term more =
          terms.repeated(
              terms.sequence(terms.text(","), compilation.space(), item),
              Math.max(0, least - 1),
              most == Terms.UNLIMITED ? most : Math.max(0, most - 1));
      Term some =
          most == 0
              ? terms.nothing
              : terms.sequence(
                  terms.text("["),
                  compilation.space(),
                  item,
                  more,
                  compilation.space(),
                  terms.text("]"));
      return least == 0 ? terms.any(terms.text("[]"), some) : some;
    }
  }

  /** Properties in this order; those that are not required may be left out. */
  record Members(LinkedHashMap<String, Part> properties, Set<String> required) implements Part {
    @Override
    public int height(Map<String, Integer> heights) {
      return properties.entrySet().stream()
          .filter(property -> required.contains(property.getKey()))
          .mapToInt(property -> property.getValue().height(heights))
          .max()
          .orElse(0);
    }

    @Override
    public Term language(Compilation compilation, int depth) {
      Terms terms = compilation.terms();
      // From the last property to the first: what may follow, after no property and after some.
      Term first = terms.text("}");
      Term further = terms.sequence(compilation.space(), terms.text("}"));
      var names = new ArrayList<>(properties.keySet());
      for (int i = names.size() - 1; i >= 0; i--) {
        String name = names.get(i);
        Term member =
            terms.sequence(
                compilation.space(),
                terms.text(Json.line(name) + ":"),
                compilation.blank(),
                properties.get(name).language(compilation, depth),
                further);
        Term behind = terms.sequence(terms.text(","), member);
        boolean needed = required.contains(name);
        first = needed ? member : terms.any(member, first);
        further = needed ? behind : terms.any(behind, further);
      }
      return terms.sequence(terms.text("{"), first);
    }
  }

  record AnyOf(List<Part> parts) implements Part {
    @Override
    public int height(Map<String, Integer> heights) {
      return parts.stream().mapToInt(part -> part.height(heights)).min().orElse(ENDLESS);
    }

    @Override
    public Term language(Compilation compilation, int depth) {
      return compilation
          .terms()
          .any(parts.stream().map(part -> part.language(compilation, depth)).toList());
    }
  }

  /** Another part of the same schema, by its JSON pointer. */
  record Reference(String pointer) implements Part {
    @Override
    public int height(Map<String, Integer> heights) {
      return Math.min(ENDLESS, heights.getOrDefault(pointer, ENDLESS) + 1);
    }

    @Override
    public Term language(Compilation compilation, int depth) {
      return compilation.follow(this, depth);
    }
  }
}
