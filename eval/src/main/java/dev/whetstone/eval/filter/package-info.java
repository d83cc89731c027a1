/**
 * What happens to an answer before it is scored. A new filter is one file and one line here in
 * {@link dev.whetstone.eval.filter.Filters}.
 */
package dev.whetstone.eval.filter;
