"""The report as a reader sees it: one content, laid out as Markdown and as HTML."""
