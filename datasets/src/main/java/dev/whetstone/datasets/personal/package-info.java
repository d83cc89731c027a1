/** Where personal data and secrets stand in a text, and what is put in their place. */
package dev.whetstone.datasets.personal;
