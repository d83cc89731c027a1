package dev.whetstone.models.text.jinja;

import java.util.HashMap;
import java.util.Map;

/** Names visible at one place; lookups go outwards, assignments stay here. */
final class Scope {
  final Rendering rendering;
  private final Scope outer;
  private final Map<String, Object> names = new HashMap<>();

  Scope(Rendering rendering, Scope outer) {
    this.rendering = rendering;
    this.outer = outer;
  }

  Scope inner() {
    return new Scope(rendering, this);
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.names.containsKey(name)) {
        return scope.names.get(name);
      }
    }
    return rendering.undefined("'" + name + "' is undefined");
  }
}
