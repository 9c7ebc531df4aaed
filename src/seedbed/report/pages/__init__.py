"""From sections and pictures to files: HTML, Markdown, terminal."""
