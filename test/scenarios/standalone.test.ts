import { chapters } from './chapters.ts';
import { playAll } from './story.ts';

playAll('standalone', chapters);
