package dev.whetstone.eval.filter;

/**
 * One step of a pipeline.
 *
 * <p>Responses start as a list with one element per repeat of the request: text, or what a scored
 * continuation got. A step maps it to another list, or to one response.
 */
public interface AnswerFilter {
  Object apply(Object responses);
}
