package dev.whetstone.eval.prompt;

import java.util.List;
import java.util.Map;

/**
 * A document and what the model is asked about it.
 *
 * @param docId place in its split, from 0
 * @param question as the task renders it, without shots; a whole number where the choices are the
 *     contexts
 * @param target the right answer: text, number of a choice, or a list
 * @param choices empty for tasks without
 * @param contexts of the requests, in order
 * @param continuations of the requests, as many as contexts; empty where text is generated after
 *     the only context
 */
public record RenderedDocument(
    int docId,
    Map<String, Object> document,
    Object question,
    Object target,
    List<String> choices,
    List<String> contexts,
    List<String> continuations) {
  public RenderedDocument {
    choices = List.copyOf(choices);
    contexts = List.copyOf(contexts);
    continuations = List.copyOf(continuations);
  }
}
