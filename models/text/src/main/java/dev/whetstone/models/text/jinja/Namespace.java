package dev.whetstone.models.text.jinja;

import java.util.LinkedHashMap;

/**
 * What {@code namespace(...)} makes: attributes that {@code set ns.name} may change, from inside a
 * loop too.
 */
final class Namespace extends LinkedHashMap<String, Object> {
  private static final long serialVersionUID = 1L;
}
