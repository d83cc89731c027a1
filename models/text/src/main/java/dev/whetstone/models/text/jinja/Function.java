package dev.whetstone.models.text.jinja;

/** Something that a template can call: a global, a macro, a method bound to its value. */
@FunctionalInterface
interface Function {
  Object call(Arguments arguments);
}
