package dev.whetstone.models.engine.generation;

/** Hears texts as they are generated. */
@FunctionalInterface
public interface TextListener {
  /**
   * Some more of a request's text: never half a character, never a part of a stop string. What is
   * heard of a request, put together, is its text.
   */
  void accept(int request, String text);
}
