"""What people see: the header, the pages and the host's page; the only room that knows Gradio."""
