/** What Python itself does: text of values, JSON, random numbers, regular expressions. */
package dev.whetstone.eval.python;
