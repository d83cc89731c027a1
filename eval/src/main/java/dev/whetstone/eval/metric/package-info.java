/**
 * Scores of documents. A new metric is one file and one line in {@link
 * dev.whetstone.eval.metric.Metrics}.
 */
package dev.whetstone.eval.metric;
