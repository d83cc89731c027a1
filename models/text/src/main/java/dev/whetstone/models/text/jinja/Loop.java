package dev.whetstone.models.text.jinja;

import java.util.List;

/** The {@code loop} variable of a {@code for}. */
final class Loop {
  private final List<Object> elements;
  int at;

  Loop(List<Object> elements) {
    this.elements = elements;
  }

  Object attribute(String name, Rendering rendering) {
    int size = elements.size();
    return switch (name) {
      case "index" -> at + 1L;
      case "index0" -> (long) at;
      case "revindex" -> (long) size - at;
      case "revindex0" -> size - at - 1L;
      case "first" -> at == 0;
      case "last" -> at == size - 1;
      case "length" -> (long) size;
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" ->
          at > 0 ? elements.get(at - 1) : rendering.undefined("there is no previous item");
      case "nextitem" ->
          at < size - 1 ? elements.get(at + 1) : rendering.undefined("there is no next item");
      case "cycle" ->
          (Function) arguments -> arguments.need(at % Math.max(1, arguments.positional().size()));
      default -> rendering.undefined("'loop' has no attribute '" + name + "'");
    };
  }
}
