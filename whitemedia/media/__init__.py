"""Floor 3: files that appear and change while the application runs, that users wrote, and that not all may see."""
